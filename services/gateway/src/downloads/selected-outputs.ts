import { createHash } from "node:crypto";
import {
  CombinationState,
  type CombinationStatus,
  certificateOf,
  type DeliveryStatus,
  OUTPUT_URL_ROOT,
} from "@polyreel/contract";
import type { Scope } from "../call/call.js";
import { BY_ORDINAL, type CombinationPosition, positionOf } from "../read-model/combination-order.js";
import type { ReadModel } from "../read-model/read-model.js";
import type { Selection } from "./selection.js";

const PAGE = 500;

/** One output of a combination that gateways serve. */
export interface SelectedOutput {
  readonly combination: CombinationStatus;
  /** Its first delivery in the wanted state; the bytes are the same in all of them. */
  readonly delivery: DeliveryStatus;
  /** Unique in the selection: the name under which it is delivered, with the output's name in front if another has it too. */
  readonly fileName: string;
  /** 0 if unknown. */
  readonly sizeBytes: number;
}

/** Outputs that wait for approval are laid out already, and served as they would be written. */
export const SERVED_STATES: readonly CombinationState[] = [
  CombinationState.DELIVERED,
  CombinationState.AWAITING_APPROVAL,
];

/** The combinations of a batch with these choices, in its order. */
export async function* combinationsOf(
  model: ReadModel,
  batchId: string,
  { choices }: Pick<Selection, "choices">,
  { scope, signal }: { readonly scope: Scope; readonly signal: AbortSignal },
): AsyncGenerator<CombinationStatus> {
  let after: CombinationPosition | undefined;
  for (;;) {
    signal.throwIfAborted();
    const state = CombinationState.UNSPECIFIED; // A failed combination may have delivered some of its outputs.
    const criteria = { scope, state, choices, failureCodes: [], deliveries: [], order: BY_ORDINAL, after, limit: PAGE };
    const page = await model.combinations(batchId, criteria);
    for (const { status } of page) yield status;
    const last = page.at(-1)?.status;
    if (!last || page.length < PAGE) return;
    after = positionOf(last, BY_ORDINAL);
  }
}

/** Selects the served outputs of combinations, one by one in the batch's order. */
export class OutputSelector {
  readonly #states: readonly CombinationState[];
  readonly #taken = new Set<number>();

  constructor(private readonly selection: Selection) {
    this.#states = selection.state === CombinationState.UNSPECIFIED ? [CombinationState.DELIVERED] : [selection.state];
  }

  *of(combination: CombinationStatus): Generator<SelectedOutput> {
    const seen = new Set<string>();
    for (const delivery of combination.outputs) {
      const { name, state, urlPath, certificate } = delivery;
      const isWanted = this.selection.outputs.length === 0 || this.selection.outputs.includes(name);
      if (!isWanted || seen.has(name) || urlPath === "" || !this.#states.includes(state)) continue;
      seen.add(name);
      const sizeBytes = certificate ? Number(certificateOf(certificate).sizeBytes) : 0;
      yield { combination, delivery, fileName: this.#unique(fileNameIn(urlPath), name), sizeBytes };
    }
  }

  /** Files of one destination have unique names; those of several may share one. */
  #unique(fileName: string, output: string): string {
    let name = fileName;
    for (let i = 1; this.#taken.has(digestOf(name)); i++) name = `${i === 1 ? output : `${output} (${i})`}/${fileName}`;
    this.#taken.add(digestOf(name));
    return name;
  }
}

/** 48 bits of a hash take a tenth of the memory of a name; an accidental match only puts a folder in front of a name. */
const digestOf = (name: string): number => createHash("sha256").update(name).digest().readUIntBE(0, 6);

/** The file's name, with its subfolders, as in the path at which it is served. */
export function fileNameIn(urlPath: string): string {
  const [, , ...segments] = urlPath.slice(OUTPUT_URL_ROOT.length).split("/");
  return segments.map(decodeURIComponent).join("/");
}
