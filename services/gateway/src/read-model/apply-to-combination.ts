import type { Certificate, Chosen, Failure } from "@polyreel/contract";
import type { BatchRecord, CombinationRecord, CombinationStep } from "./batch-record.js";

/** How far a combination came in one attempt. Delivered beats failed: the file is there. */
const RANK: Record<CombinationStep, number> = { planned: 0, rendered: 1, failed: 2, delivered: 3 };

/** What one fact says of a combination. */
interface Said {
  readonly id: string;
  readonly ordinal: bigint;
  readonly choices: readonly Chosen[];
  readonly attempt: number;
  readonly step: CombinationStep;
  /** Of the fact, in the stream. */
  readonly sequence: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly urlPath?: string;
  readonly picturePaths?: readonly string[];
  readonly certificate?: Certificate | undefined;
  readonly failure?: Failure | undefined;
  readonly traceId: string;
}

/** The newest attempt counts, and of it the furthest step: whatever the order the facts come in, and however often. */
export function applyToCombination(batch: BatchRecord, said: Said): void {
  const { combinations } = batch;
  const record = combinations.byId.get(said.id) ?? add(batch, said);
  if (said.step === "planned") record.plannedSequence = Math.max(record.plannedSequence, said.sequence);
  if (said.step === "rendered") {
    if (record.renderedSequence === 0) combinations.rendered++;
    record.renderedSequence = Math.max(record.renderedSequence, said.sequence);
  }
  if (said.metadata) record.metadata = said.metadata;
  if (said.traceId) record.traceId = said.traceId;
  const newer = said.attempt > record.attempt;
  if (!newer && (said.attempt < record.attempt || RANK[said.step] <= RANK[record.step])) return;

  count(batch, record, -1);
  record.attempt = said.attempt;
  record.step = said.step;
  record.path = said.path ?? "";
  record.urlPath = said.urlPath ?? "";
  record.picturePaths = said.picturePaths ?? [];
  record.certificate = said.certificate;
  record.failure = said.failure;
  count(batch, record, 1);
}

function add(batch: BatchRecord, { id, ordinal, choices }: Said): CombinationRecord {
  const record: CombinationRecord = {
    id,
    ordinal: Number(ordinal),
    choices: choices.map((chosen) => shared(batch, chosen)),
    attempt: 0,
    step: "planned",
    plannedSequence: 0,
    renderedSequence: 0,
    path: "",
    urlPath: "",
    picturePaths: [],
    metadata: {},
    certificate: undefined,
    failure: undefined,
    traceId: "",
  };
  batch.combinations.byId.set(id, record);
  batch.combinations.byOrdinal[record.ordinal] = record;
  return record;
}

/** A million combinations of ten choices each hold ten objects, not ten million. */
function shared(batch: BatchRecord, chosen: Chosen): Chosen {
  const key = `${chosen.block}\0${chosen.choice}`;
  const known = batch.chosen.get(key);
  if (known) return known;
  batch.chosen.set(key, chosen);
  return chosen;
}

function count({ combinations }: BatchRecord, { step }: CombinationRecord, by: 1 | -1): void {
  if (step === "delivered") combinations.delivered += by;
  if (step === "failed") combinations.failed += by;
}
