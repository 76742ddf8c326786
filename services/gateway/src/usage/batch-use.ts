import { create } from "@bufbuild/protobuf";
import { BatchUseSchema, type EstimateBatchResponse, type BatchUse as Message } from "@polyreel/contract";

/** What batches use of their tenant's quotas while they are worked on, in the units of `polyreel.v1.BatchUse`. */
export interface BatchUse {
  readonly storedBytes: number;
  readonly deliveredBytes: number;
  readonly speechCharacters: number;
  readonly encodeSeconds: number;
}

export const NO_USE: BatchUse = { storedBytes: 0, deliveredBytes: 0, speechCharacters: 0, encodeSeconds: 0 };

const combined = (a: BatchUse, b: Partial<BatchUse>, of: (a: number, b: number) => number): BatchUse => ({
  storedBytes: of(a.storedBytes, b.storedBytes ?? 0),
  deliveredBytes: of(a.deliveredBytes, b.deliveredBytes ?? 0),
  speechCharacters: of(a.speechCharacters, b.speechCharacters ?? 0),
  encodeSeconds: of(a.encodeSeconds, b.encodeSeconds ?? 0),
});

export const plusUse = (a: BatchUse, b: Partial<BatchUse>): BatchUse => combined(a, b, (x, y) => x + y);

/** What remains of the first after the second is used; never negative. */
export const lessUse = (a: BatchUse, b: Partial<BatchUse>): BatchUse => combined(a, b, (x, y) => Math.max(0, x - y));

export const useMessage = ({ encodeSeconds, ...counts }: BatchUse): Message => {
  const whole = (count: number) => BigInt(Math.ceil(count));
  return create(BatchUseSchema, {
    storedBytes: whole(counts.storedBytes),
    deliveredBytes: whole(counts.deliveredBytes),
    speechCharacters: whole(counts.speechCharacters),
    encodeSeconds,
  });
};

/** A fact's field `reserved`. */
export const reservedIn = (use: BatchUse | undefined): { reserved?: Message } =>
  use ? { reserved: useMessage(use) } : {};

export const useIn = ({ storedBytes, deliveredBytes, speechCharacters, encodeSeconds }: Message): BatchUse => ({
  storedBytes: Number(storedBytes),
  deliveredBytes: Number(deliveredBytes),
  speechCharacters: Number(speechCharacters),
  encodeSeconds,
});

/** What a batch will use, as far as its inputs are known. */
export const estimatedUse = (estimate: EstimateBatchResponse): BatchUse => ({
  storedBytes: Number(estimate.storeBytes),
  deliveredBytes: Number(estimate.writtenBytes),
  speechCharacters: estimate.speech.reduce((sum, { unspoken }) => sum + Number(unspoken), 0),
  encodeSeconds: estimate.encodeCoreSeconds,
});
