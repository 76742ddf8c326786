import type { Failure } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { Assembler } from "../plan/assemble.js";
import type { Blueprint } from "../plan/blueprint.js";
import { Chooser } from "../plan/choose.js";
import type { Encoders } from "../plan/clips.js";
import type { Picked } from "../plan/identity.js";
import type { Knowledge } from "../plan/resolved-inputs.js";

/** Knowledge for an estimate: some inputs are unknown, and lengths of unspoken lines are guessed. */
export interface PartialKnowledge extends Knowledge {
  /** Whether an error, or its cause, is an input that is unknown; false by default. */
  readonly isUnknown?: (error: PolyreelError) => boolean;
  /**
   * The same, with the lengths of unspoken lines that most combinations can be made with: what fails with these, fails
   * with any. Omitted if nothing is guessed.
   */
  readonly favourable?: Knowledge;
}

/** Decides which combinations fail whatever their unknown inputs turn out to be. */
export class CertainFailures {
  readonly #chooser: Chooser;
  readonly #favourable: Assembler | undefined;

  constructor(
    private readonly blueprint: Blueprint,
    private readonly knowledge: PartialKnowledge,
    encoders: Encoders,
  ) {
    this.#chooser = new Chooser(blueprint, knowledge);
    this.#favourable = knowledge.favourable && new Assembler(blueprint, knowledge.favourable, encoders);
  }

  /**
   * The failure of a combination that planning reports, if planning with what is known, or guessed, throws `error`;
   * undefined if the combination may succeed.
   */
  of(picked: Picked, error: PolyreelError): Failure | undefined {
    if (this.knowledge.isUnknown?.(error)) return this.#faultOf(picked);
    if (!this.#favourable) return error.failure;
    try {
      this.#favourable.assemble(picked);
      return undefined;
    } catch (certain) {
      if (!(certain instanceof PolyreelError) || certain.code !== "invalid") throw certain;
      return certain.failure;
    }
  }

  /** The first choice of a combination that fails in any combination. */
  #faultOf({ positions, canvas }: Picked): Failure | undefined {
    if (this.blueprint.stages.length === 0) return undefined; // An input is the only choice.
    for (const [block, position] of positions.entries()) {
      const resolved = this.#chooser.resolve(canvas, block, position);
      if (resolved.kind === "fault" && !this.knowledge.isUnknown?.(resolved.fault)) return resolved.fault.failure;
    }
    return undefined;
  }
}
