import { type Certificate, certificateOf } from "@polyreel/contract";

type Plain = string | number | boolean;

/** Numbers as numbers; the loudness of silence, which JSON cannot represent, as the text "-Infinity". */
export type PlainCertificate = Readonly<Record<string, Plain>>;

/**
 * A certificate's measurements as plain JSON: all fields, in camelCase. Counts are numbers (protobuf's JSON has strings
 * for 64-bit integers, which no certificate needs).
 */
export function plainCertificate(certificate: Certificate): PlainCertificate {
  const { operation, sizeBytes } = certificateOf(certificate);
  const { $typeName, $unknown, ...measures } = operation.value;
  const fields: [string, Plain | bigint | undefined][] = [["sizeBytes", sizeBytes], ...Object.entries(measures)];
  return Object.fromEntries(
    fields.flatMap(([field, value]) => (value === undefined ? [] : [[field, plain(value)] as const])),
  );
}

function plain(value: Plain | bigint): Plain {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
