import { create } from "@bufbuild/protobuf";
import {
  type Combination,
  type CombinationDelivered,
  type CombinationFailed,
  type CombinationRejected,
  durationSecondsOf,
  type Failure,
  FailureSchema,
  type Warning,
} from "@polyreel/contract";
import { type PlainCertificate, plainCertificate } from "./plain-certificate.js";
import { plainFailure, plainWarning } from "./plain-failure.js";
import { choicesByBlock } from "./row-choices.js";

/** What a manifest lists of a delivery of a combination: its line of `manifest.jsonl`. */
export interface ManifestRow {
  readonly id: string;
  readonly status: "delivered" | "rejected" | "failed" | "cancelled";
  /** Block to label. */
  readonly choices: Readonly<Record<string, string>>;
  /** What is known of the choices besides, by "<block>.<key>". */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Beside the manifest, or in a subfolder there. */
  readonly file?: string;
  /** Of a virtual output, which has no file: where gateways serve it, below their address. */
  readonly urlPath?: string;
  /** Beside it. */
  readonly pictures?: readonly string[];
  readonly durationSeconds?: number;
  readonly certificate?: PlainCertificate;
  /** What it uses otherwise than it was given, and is no failure. */
  readonly warnings?: readonly {
    /** As failureCodeName has those of failures; absent where an earlier release wrote none. */
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
  /** Why it was rejected, where that was stated. */
  readonly rejectionReason?: string;
  readonly traceId?: string;
  /** The output that is delivered. */
  readonly output: string;
}

export function deliveredRow(fact: CombinationDelivered, output: string): ManifestRow {
  const { combinationId, choices, path, folder, urlPath, certificate, traceId, metadata, picturePaths } = fact;
  const durationSeconds = certificate ? durationSecondsOf(certificate) : 0;
  return {
    id: combinationId,
    status: "delivered",
    choices: choicesByBlock(choices),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(path ? { file: pathFrom(folder, path) } : { urlPath }),
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

// A manifest leaves out what is empty.

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

/** A delivered file's path, from the folder of its destination; without one from the folder that it lies in. */
function pathFrom(folder: string, path: string): string {
  if (folder === ".") return path;
  return folder && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : nameOf(path);
}
