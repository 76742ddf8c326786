/** Requests to the PGlite thread: a statement, or to end; with neither, whether it is alive. */
export interface Request {
  readonly id: number;
  readonly sql?: string;
  readonly params?: readonly unknown[];
  readonly close?: true;
}

export interface Answer {
  readonly id: number;
  readonly result?: { readonly rows: unknown[]; readonly affectedRows: number | undefined };
  /** PostgreSQL's message and code (SQLSTATE). */
  readonly failure?: { readonly message: string; readonly code: string | undefined };
}
