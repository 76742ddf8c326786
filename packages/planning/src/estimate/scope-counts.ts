import { create } from "@bufbuild/protobuf";
import { OperationScope, type Output, type ScopeEstimate, ScopeEstimateSchema } from "@polyreel/contract";
import type { Assembly } from "../plan/assemble.js";
import { isOfSound, type RenditionPart } from "../plan/renditions.js";

interface ScopeCount {
  readonly output: number;
  readonly scope: OperationScope;
  readonly distinct: Set<string>;
  videos: number;
}

const { CLIP, TIMELINE, COMBINATION } = OperationScope;

/** Counts how often the operations of outputs are applied: once for each clip, soundtrack or combination. */
export class ScopeCounts {
  readonly #counts = new Map<string, ScopeCount>();

  constructor(private readonly outputs: readonly Output[]) {}

  add({ files }: Pick<Assembly, "files">): void {
    for (const [output, file] of files.entries()) {
      if (file?.kind === "rendition") this.#count(output, isOfTimeline(file) ? TIMELINE : COMBINATION, [file]);
      if (file?.kind !== "tracks") continue;
      this.#count(output, CLIP, file.clips);
      if (file.sound) this.#count(output, TIMELINE, [file.sound]);
    }
  }

  /** In order of the outputs. */
  get list(): ScopeEstimate[] {
    return [...this.#counts.values()]
      .sort((a, b) => a.output - b.output || a.scope - b.scope)
      .map(({ output, scope, distinct, videos }) => {
        const { name = "", operation } = this.outputs[output] ?? {};
        const applied = { output: name, operation: operation?.case ?? "", scope };
        return create(ScopeEstimateSchema, { ...applied, distinct: BigInt(distinct.size), videos: BigInt(videos) });
      });
  }

  #count(output: number, scope: OperationScope, parts: readonly RenditionPart[]): void {
    const key = `${output} ${scope}`;
    const count = this.#counts.get(key) ?? { output, scope, distinct: new Set<string>(), videos: 0 };
    for (const { hash } of parts) count.distinct.add(hash);
    count.videos++;
    this.#counts.set(key, count);
  }
}

const isOfTimeline = ({ recipe: { value } }: RenditionPart): boolean =>
  value.input.case === "join" && isOfSound(value.operation);
