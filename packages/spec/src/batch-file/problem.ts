/** Where something is wrong: in a file, in the batch, or both. Line and column count from 1. */
export interface Where {
  file?: string;
  line?: number;
  column?: number;
  /** Path of the field, as in `blocks[1].text.over[0]`. */
  field?: string;
  block?: string;
  choice?: string;
}

/** What people are told when something can't be done: what is wrong, where, and what to do about it. */
export interface Problem {
  what: string;
  where?: Where;
  remedy?: string;
}
