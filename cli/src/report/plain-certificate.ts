import { reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { type Certificate, CertificateSchema, type Warning, warningCodeName } from "@polyreel/contract";

/**
 * A certificate's measures as plain JSON: every field it has but its warnings, in camelCase. Counts are numbers (protobuf's JSON has 64-bit ones as
 * texts, for what no certificate counts to); the loudness of silence is the text "-Infinity".
 */
export function plainCertificate(certificate: Certificate): Record<string, string | number> {
  const message = reflect(CertificateSchema, certificate);
  const shown = message.fields.filter(
    (field) =>
      field.fieldKind !== "list" && (field.presence !== FeatureSet_FieldPresence.EXPLICIT || message.isSet(field)),
  );
  return Object.fromEntries(shown.map((field) => [field.jsonName, plain(message.get(field))]));
}

function plain(value: unknown): string | number {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : String(value);
}

export const plainWarning = ({ block, choice, reason, code }: Warning) => ({
  code: warningCodeName(code),
  block,
  choice,
  reason,
});
