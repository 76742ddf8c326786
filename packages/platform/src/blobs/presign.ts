export interface PresignOptions {
  /** At most seven days. */
  readonly lifetimeMs: number;
  /** Instead of the object's own. */
  readonly contentType?: string;
  readonly contentDisposition?: string;
}

/** Makes a link to an object at its home, which works for anyone who has it. Does not look whether the object exists. */
export type Presign = (key: string, options: PresignOptions) => Promise<string>;
