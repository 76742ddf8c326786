import type { BatchPlanned, BatchSubmitted, Certificate, Chosen, Failure } from "@polyreel/contract";

export type PartKind = "voice" | "clip" | "sound";
export type PartState = "requested" | "failed" | "reused" | "made";
export type CombinationStep = "planned" | "rendered" | "failed" | "delivered";

/** What is known of a combination. */
export interface CombinationRecord {
  readonly id: string;
  ordinal: number;
  choices: readonly Chosen[];
  /** The newest attempt that anything was said of, and the furthest it came. */
  attempt: number;
  step: CombinationStep;
  /** Positions of the newest plan and layout in the stream, where its parts are named; 0 until one is there. */
  plannedSequence: number;
  renderedSequence: number;
  /** Empty for a virtual output. */
  path: string;
  urlPath: string;
  picturePaths: readonly string[];
  metadata: Readonly<Record<string, string>>;
  certificate: Certificate | undefined;
  failure: Failure | undefined;
  traceId: string;
}

/** A batch's combinations: by id for the facts, by ordinal for the pages; and how many came how far. */
export interface Combinations {
  readonly byId: Map<string, CombinationRecord>;
  readonly byOrdinal: CombinationRecord[];
  rendered: number;
  delivered: number;
  failed: number;
}

/** What is known of a batch, from its facts alone. */
export interface BatchRecord {
  readonly id: string;
  submitted: BatchSubmitted | undefined;
  planned: BatchPlanned | undefined;
  cancelled: boolean;
  /** The newest run that was resumed; 1: the submission. */
  run: number;
  /** Resumed runs of which all is said again. */
  readonly requeuedRuns: Set<number>;
  /** The newest run that was said to be finished; 0: none. */
  finishedRun: number;
  /** When that was, and its position in the stream: nothing follows it for those who watch, unless it is resumed. */
  finishedAt: Date | undefined;
  finishedSequence: number | undefined;
  /** W3C traceparent of the submission. */
  traceparent: string;
  readonly parts: Record<PartKind, Map<string, PartState>>;
  /** Parts that were asked for, and neither made, found there nor failed yet. */
  partsAwaited: number;
  readonly combinations: Combinations;
  /** One object for each choice, shared by all combinations that take it. */
  readonly chosen: Map<string, Chosen>;
}

export const newBatchRecord = (id: string): BatchRecord => ({
  id,
  submitted: undefined,
  planned: undefined,
  cancelled: false,
  run: 1,
  requeuedRuns: new Set(),
  finishedRun: 0,
  finishedAt: undefined,
  finishedSequence: undefined,
  traceparent: "",
  parts: { voice: new Map(), clip: new Map(), sound: new Map() },
  partsAwaited: 0,
  combinations: { byId: new Map(), byOrdinal: [], rendered: 0, delivered: 0, failed: 0 },
  chosen: new Map(),
});
