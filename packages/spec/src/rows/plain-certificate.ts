import { type Certificate, certificateOf } from "@polyreel/contract";

type Plain = string | number | boolean | PlainCertificate | readonly Plain[];

/** Numbers as numbers; the loudness of silence, which JSON cannot represent, as the text "-Infinity". */
export interface PlainCertificate {
  readonly [field: string]: Plain;
}

/**
 * A certificate's measurements as plain JSON: all fields, in camelCase. Counts are numbers (protobuf's JSON has strings
 * for 64-bit integers, which no certificate needs).
 */
export function plainCertificate(certificate: Certificate): PlainCertificate {
  const { operation, sizeBytes } = certificateOf(certificate);
  return { sizeBytes: Number(sizeBytes), ...plainFields(operation.value) };
}

function plainFields(message: object): PlainCertificate {
  const fields = Object.entries(message).filter(([name]) => !name.startsWith("$"));
  return Object.fromEntries(
    fields.flatMap(([field, value]) => (isAbsent(value) ? [] : [[field, plain(value)] as const])),
  );
}

const isAbsent = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

/** Of a field's value: a number, a text, a flag, or one or several messages. */
function plain(value: Plain | bigint): Plain {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "object") return plainFields(value);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
