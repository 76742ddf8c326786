import { PolyreelError } from "../errors.js";

/** An object whose bytes are not those that were written, also when they are read once more. */
export class DamagedObject extends PolyreelError {}
