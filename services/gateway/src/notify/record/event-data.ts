import {
  type BatchFinished,
  type Chosen,
  type CombinationDelivered,
  type CombinationFailed,
  outputsOf,
} from "@polyreel/contract";
import { plainFailure } from "@polyreel/spec/rows";
import type { NoticeBook } from "./notice-book.js";

// The `data` of events. Fields may be added, never renamed: docs/guide/notifications.md describes them.

const about = ({ batchId, submitted: { tenant, name } }: NoticeBook) => ({ batchId, tenant, name });

export const finishedData = (book: NoticeBook, { run, delivered, failed, rejected }: BatchFinished) => ({
  ...about(book),
  run: Math.max(1, run),
  state: book.cancelled ? "cancelled" : "finished",
  combinations: Number(book.submitted.combinations),
  delivered: Number(delivered),
  failed: Number(failed),
  rejected: Number(rejected),
  ...(book.unreported > 0 && { unreported: book.unreported }),
});

interface Digest {
  /** Number of events so far, for a digest; 0 for a single event. */
  readonly digest: number;
}

export const failedData = (book: NoticeBook, fact: CombinationFailed, { digest }: Digest) => ({
  ...about(book),
  ...(digest > 0 && { count: digest }),
  combinationId: fact.combinationId,
  choices: choicesOf(fact.choices),
  attempt: Math.max(1, fact.attempt),
  ...(fact.failure && { failure: plainFailure(fact.failure) }),
});

export const deliveredData = (book: NoticeBook, fact: CombinationDelivered, { digest }: Digest) => ({
  ...about(book),
  ...(digest > 0 && { count: digest }),
  combinationId: fact.combinationId,
  choices: choicesOf(fact.choices),
  attempt: Math.max(1, fact.attempt),
  output: outputsOf(book.submitted)[fact.output]?.name ?? "",
  delivery: fact.delivery,
  path: fact.path,
  ...(fact.location && { location: fact.location }),
  ...(fact.urlPath && { urlPath: fact.urlPath }),
  sizeBytes: Number(fact.certificate?.sizeBytes ?? 0n),
});

/** By block. */
const choicesOf = (choices: readonly Chosen[]): Record<string, string> =>
  Object.fromEntries(choices.map(({ block, choice }) => [block, choice]));
