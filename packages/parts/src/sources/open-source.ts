import type { LocalFile } from "@polyreel/platform/blobs";

/** A source's verified file; to be disposed of after reading. */
export interface OpenSource extends LocalFile {
  /** To be called after reading it, before the result is used. Throws PolyreelError if the file was changed. */
  assertUnchanged(): Promise<void>;
}

/**
 * Runs work that reads opened sources, then checks that they have not changed. It checks them after a failure as well:
 * to ffmpeg, a file whose disk is unmounted meanwhile is a damaged one.
 */
export async function withUnchanged<T>(
  opened: readonly Pick<OpenSource, "assertUnchanged">[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    for (const source of opened) await source.assertUnchanged();
  }
}
