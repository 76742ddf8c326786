import type { Format, Output } from "@polyreel/contract";
import { probeOfJoin } from "@polyreel/media/join";
import { foreseeFile } from "@polyreel/media/rendition";
import { PolyreelError } from "@polyreel/platform";
import type { WholeRendition } from "./renditions.js";
import type { JoinedFile } from "./tracks.js";

/** A file that cannot be made of a combination: nothing is made for it. */
export interface RefusedFile {
  readonly kind: "refused";
  readonly error: PolyreelError;
}

/** What a file depends on, besides its settings. */
interface Join {
  readonly format: Format;
  readonly frames: number;
  readonly hasSound: boolean;
}

/** Finds files that lengths and canvases of combinations do not allow, each case once. */
export class RefusedFiles {
  readonly #known = new Map<string, RefusedFile | undefined>();

  constructor(private readonly outputs: readonly Output[]) {}

  /** Undefined if the file is possible. */
  of(number: number, file: WholeRendition | JoinedFile, join: Join): RefusedFile | undefined {
    const { width, height, rateNumerator, rateDenominator } = join.format;
    const key = [number, width, height, rateNumerator, rateDenominator, join.frames, join.hasSound].join();
    if (!this.#known.has(key)) this.#known.set(key, this.#find(number, file, join));
    return this.#known.get(key);
  }

  #find(
    number: number,
    file: WholeRendition | JoinedFile,
    { format, frames, hasSound }: Join,
  ): RefusedFile | undefined {
    const probe = probeOfJoin(format, frames, hasSound);
    const { operation } = this.outputs[number] ?? {};
    try {
      if (file.kind === "rendition") foreseeFile(file.recipe.value.operation, probe, file.recipe.value.track);
      // Whatever is made of each clip, it is asked for the whole.
      else if (operation?.case === "transcode") foreseeFile(operation, probe, 0);
      return undefined;
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      return { kind: "refused", error };
    }
  }
}
