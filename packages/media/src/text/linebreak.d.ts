/** The package has no types of its own. */
declare module "linebreak" {
  export default class LineBreaker {
    constructor(text: string);
    /** The next position where a line may (or must) end; null after the last. */
    nextBreak(): { position: number; required: boolean } | null;
  }
}
