import { posix } from "node:path";
import {
  type Certificate,
  type Chosen,
  type Combination,
  type CombinationDelivered,
  type CombinationFailed,
  type CombinationRejected,
  certificateOf,
  durationSecondsOf,
  FailureCode,
  failureCodeName,
  isWorthRetrying,
  type JoinCertificate,
  type Warning,
  warningCodeName,
} from "@polyreel/contract";

/** How far a delivery came: planned only where the batch was cancelled before more became of it. */
export type Step = "planned" | "failed" | "rejected" | "delivered";

/** What the manifest tells of a delivery of a combination: its JSON line. */
export interface Row {
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

/** What one fact says of a delivery. */
export interface Outcome {
  /** Of its row: combinations in the batch's order, of each its deliveries in theirs. */
  readonly position: number;
  /** From 1; 0 for what counts only where nothing else is said. */
  readonly attempt: number;
  readonly step: Step;
  /** Where its output lies, or was bound for: below the destination's root. */
  readonly folder: string;
  readonly row: Row;
}

/** Fields of a joined MP4's certificate, in the order of the manifest's CSV. */
export const CERTIFICATE_FIELDS = [
  "sizeBytes",
  "headerSha256",
  "frames",
  "frameStep",
  "timescale",
  "videoSeconds",
  "audioSeconds",
  "loudnessLufs",
  "truePeakDbtp",
  "predictedMinLufs",
  "predictedMaxLufs",
] as const satisfies readonly ("sizeBytes" | keyof JoinCertificate)[];
/** Numbers as numbers; the loudness of silence, which JSON has no number for, as the text "-Infinity". */
export type PlainCertificate = Readonly<Record<string, number | string | boolean>>;

export function deliveredRow(fact: CombinationDelivered, output: string): Row {
  const { combinationId, choices, path, folder, urlPath, certificate, traceId, metadata, picturePaths } = fact;
  const durationSeconds = certificate ? durationSecondsOf(certificate) : 0;
  return {
    id: combinationId,
    status: "delivered",
    choices: byBlock(choices),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(path ? { file: posix.relative(folder || posix.dirname(path), path) } : { urlPath }),
    ...(picturePaths.length > 0 && { pictures: picturePaths.map((picture) => posix.basename(picture)) }),
    ...(durationSeconds > 0 && { durationSeconds }),
    ...(certificate && { certificate: plainCertificate(certificate) }),
    ...(certificate && certificate.warnings.length > 0 && { warnings: certificate.warnings.map(plainWarning) }),
    ...(traceId && { traceId }),
    output,
  };
}

const plainWarning = ({ block, choice, reason, code }: Warning) => ({
  ...(code && { code: warningCodeName(code) }),
  ...(block && { block }),
  ...(choice && { choice }),
  reason,
});

export function failedRow({ combinationId, choices, failure, traceId }: CombinationFailed, output: string): Row {
  const { block, choice, reason = "It failed.", remedy, code = FailureCode.UNSPECIFIED } = failure ?? {};
  return {
    id: combinationId,
    status: "failed",
    choices: byBlock(choices),
    failure: {
      code: failureCodeName(code),
      worthRetrying: isWorthRetrying(code),
      ...(block && { block }),
      ...(choice && { choice }),
      reason,
      ...(remedy && { remedy }),
    },
    ...(traceId && { traceId }),
    output,
  };
}

export const rejectedRow = ({ combinationId, choices, reason, traceId }: CombinationRejected, output: string): Row => ({
  id: combinationId,
  status: "rejected",
  choices: byBlock(choices),
  ...(reason && { rejectionReason: reason }),
  ...(traceId && { traceId }),
  output,
});

export const cancelledRow = ({ id, choices }: Combination, output: string): Row => ({
  id,
  status: "cancelled",
  choices: byBlock(choices),
  output,
});

const byBlock = (choices: readonly Chosen[]): Record<string, string> =>
  Object.fromEntries(choices.map(({ block, choice }) => [block, choice]));

function plainCertificate(certificate: Certificate): PlainCertificate {
  const { operation, sizeBytes } = certificateOf(certificate);
  const { $typeName, $unknown, ...its } = operation.value;
  return plain([["sizeBytes", sizeBytes], ...Object.entries(its)]);
}

const plain = (
  fields: readonly (readonly [string, string | number | bigint | boolean | undefined])[],
): PlainCertificate =>
  Object.fromEntries(
    fields.flatMap(([field, value]) => {
      if (value === undefined) return [];
      const shown = typeof value === "bigint" ? Number(value) : value;
      return [[field, typeof shown === "number" && !Number.isFinite(shown) ? String(shown) : shown]];
    }),
  );
