/** What the thread that runs PGlite is asked: a statement, or to end; with neither, whether it is there. */
export interface Request {
  readonly id: number;
  readonly sql?: string;
  readonly params?: readonly unknown[];
  readonly close?: true;
}

export interface Answer {
  readonly id: number;
  readonly result?: { readonly rows: unknown[]; readonly affectedRows: number | undefined };
  /** PostgreSQL's words and code (SQLSTATE). */
  readonly failure?: { readonly message: string; readonly code: string | undefined };
}
