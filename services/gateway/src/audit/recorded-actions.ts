import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";

/** Methods whose idempotency level does not tell whether they belong into the log. */
const EXCEPTIONS: ReadonlyMap<string, boolean> = new Map([
  // Makes nothing; it is not served by GET because of its size.
  ["polyreel.v1.BatchService/EstimateBatch", false],
  // Changes nothing, and permits others something.
  ["polyreel.v1.LinkService/CreateLink", true],
]);

/** "polyreel.v1.BatchService/CancelBatch". */
export const actionOf = ({ parent, name }: DescMethod): string => `${parent.typeName}/${name}`;

/** Whether calls of a method are recorded: all but those that are declared to have no side effects. */
export const isRecordedMethod = (method: DescMethod): boolean =>
  EXCEPTIONS.get(actionOf(method)) ?? method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;

const READING: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether requests over plain HTTP are recorded. */
export const isRecordedHttp = (httpMethod: string | undefined): boolean => !READING.has(httpMethod);
