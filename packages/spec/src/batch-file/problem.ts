/** Location of a problem: in a file, in the batch, or both. Line and column count from 1. */
export interface Where {
  file?: string;
  line?: number;
  column?: number;
  /** Path of the field, such as `blocks[1].text.over[0]`. */
  field?: string;
  block?: string;
  choice?: string;
  /** Name of an output. */
  output?: string;
  /** Row of the table that the choice is from: "row 17 of products.csv, line 18". */
  row?: string;
}

/** A problem as shown to users: what is wrong, where, and the remedy. */
export interface Problem {
  what: string;
  where?: Where;
  remedy?: string;
}
