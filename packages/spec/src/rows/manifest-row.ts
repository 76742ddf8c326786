import { create } from "@bufbuild/protobuf";
import {
  type Combination,
  type CombinationDelivered,
  type CombinationFailed,
  type CombinationRejected,
  CombinationState,
  type CombinationStatus,
  combinationStateName,
  type DeliveryStatus,
  durationSecondsOf,
  type Failure,
  FailureSchema,
  type Warning,
} from "@polyreel/contract";
import { type PlainCertificate, plainCertificate } from "./plain-certificate.js";
import { plainFailure, plainWarning } from "./plain-failure.js";
import { choicesByBlock } from "./row-choices.js";

/** A delivery of a combination in a manifest: a line of `manifest.jsonl`. */
export interface ManifestRow {
  readonly id: string;
  readonly status: string;
  /** Labels by block. */
  readonly choices: Readonly<Record<string, string>>;
  /** Metadata of the choices, by "<block>.<key>". */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Relative to the manifest's folder. */
  readonly file?: string;
  /** Address of the file, where its destination has one. */
  readonly location?: string;
  /** For a virtual output, which has no file: its URL path on gateways. */
  readonly urlPath?: string;
  /** Relative to the manifest's folder. */
  readonly pictures?: readonly string[];
  readonly durationSeconds?: number;
  readonly certificate?: PlainCertificate;
  /** Inputs or settings that were replaced, without being failures. */
  readonly warnings?: readonly {
    /** As in failureCodeName; absent if an earlier release wrote none. */
    readonly code?: string;
    readonly block?: string;
    readonly choice?: string;
    readonly reason: string;
  }[];
  readonly failure?: {
    readonly code: string;
    readonly worthRetrying: boolean;
    readonly block?: string;
    readonly choice?: string;
    readonly reason: string;
    readonly remedy?: string;
  };
  /** Why it was rejected, if a reason was given. */
  readonly rejectionReason?: string;
  readonly traceId?: string;
  /** The delivered output. */
  readonly output: string;
  /** Signed link to it, if requested. */
  readonly link?: string;
}

export function deliveredRow(fact: CombinationDelivered, output: string): ManifestRow {
  const { combinationId, choices, path, folder, location, urlPath, certificate, traceId, metadata, picturePaths } =
    fact;
  const durationSeconds = certificate ? durationSecondsOf(certificate) : 0;
  return {
    id: combinationId,
    status: "delivered",
    choices: choicesByBlock(choices),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(path ? { file: pathFrom(folder, path) } : { urlPath }),
    ...(location && { location }),
    ...(picturePaths.length > 0 && { pictures: picturePaths.map(nameOf) }),
    ...(durationSeconds > 0 && { durationSeconds }),
    ...(certificate && { certificate: plainCertificate(certificate) }),
    ...(certificate && certificate.warnings.length > 0 && { warnings: certificate.warnings.map(shortWarning) }),
    ...(traceId && { traceId }),
    output,
  };
}

export const failedRow = (
  { combinationId, choices, failure, traceId }: CombinationFailed,
  output: string,
): ManifestRow => ({
  id: combinationId,
  status: "failed",
  choices: choicesByBlock(choices),
  failure: shortFailure(failure),
  ...(traceId && { traceId }),
  output,
});

export const rejectedRow = (
  { combinationId, choices, reason, traceId }: CombinationRejected,
  output: string,
): ManifestRow => ({
  id: combinationId,
  status: "rejected",
  choices: choicesByBlock(choices),
  ...(reason && { rejectionReason: reason }),
  ...(traceId && { traceId }),
  output,
});

export const cancelledRow = ({ id, choices }: Combination, output: string): ManifestRow => ({
  id,
  status: "cancelled",
  choices: choicesByBlock(choices),
  output,
});

interface StatusRowOptions {
  /** Its batch was cancelled: what has not ended will not. */
  readonly isCancelled: boolean;
  readonly fileName?: string | undefined;
  readonly link?: string | undefined;
}

/** A row from what a gateway knows. Besides those of finished batches there are rows of what is in progress. */
export function statusRow(
  { id, choices, metadata, traceId }: CombinationStatus,
  { name, state, location, urlPath, certificate, failure, rejectionReason }: DeliveryStatus,
  { isCancelled, fileName, link }: StatusRowOptions,
): ManifestRow {
  const durationSeconds = certificate ? durationSecondsOf(certificate) : 0;
  const hasEnded = ENDED.has(state);
  return {
    id,
    status: isCancelled && !hasEnded ? "cancelled" : combinationStateName(state),
    choices: choicesByBlock(choices),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(fileName && { file: fileName }),
    ...(location && { location }),
    ...(urlPath && { urlPath }),
    ...(durationSeconds > 0 && { durationSeconds }),
    ...(certificate && { certificate: plainCertificate(certificate) }),
    ...(certificate && certificate.warnings.length > 0 && { warnings: certificate.warnings.map(shortWarning) }),
    ...(failure && { failure: shortFailure(failure) }),
    ...(rejectionReason && { rejectionReason }),
    ...(traceId && { traceId }),
    output: name,
    ...(link && { link }),
  };
}

const ENDED: ReadonlySet<CombinationState> = new Set([
  CombinationState.DELIVERED,
  CombinationState.FAILED,
  CombinationState.REJECTED,
]);

// Empty fields are omitted from a manifest.

function shortFailure(failure: Failure | undefined): NonNullable<ManifestRow["failure"]> {
  const { code, worthRetrying, block, choice, reason, remedy } = plainFailure(failure ?? create(FailureSchema));
  const where = { ...(block && { block }), ...(choice && { choice }) };
  return { code, worthRetrying, ...where, reason: failure ? reason : "It failed.", ...(remedy && { remedy }) };
}

function shortWarning(warning: Warning) {
  const { code, block, choice, reason } = plainWarning(warning);
  return { ...(warning.code && { code }), ...(block && { block }), ...(choice && { choice }), reason };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A delivered file's path relative to the folder of its destination; without one, relative to its own folder. */
function pathFrom(folder: string, path: string): string {
  if (folder === ".") return path;
  return folder && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : nameOf(path);
}
