import { reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  type Certificate,
  CertificateSchema,
  type PictureCertificate,
  type Warning,
  warningCodeName,
} from "@polyreel/contract";

/** A certificate's measures as plain JSON. */
export const plainCertificate = (certificate: Certificate): Record<string, string | number> =>
  certificate.operation.case === "picture"
    ? { sizeBytes: Number(certificate.sizeBytes), ...ofPicture(certificate.operation.value) }
    : ofJoin(certificate);

const ofPicture = ({ sha256, width, height, frames }: PictureCertificate) => ({ sha256, width, height, frames });

/**
 * Those of a joined video: every field it has but its warnings, in camelCase. Counts are numbers (protobuf's JSON has 64-bit ones as
 * texts, for what no certificate counts to); the loudness of silence is the text "-Infinity".
 */
function ofJoin(certificate: Certificate): Record<string, string | number> {
  const message = reflect(CertificateSchema, certificate);
  const shown = message.fields.filter(
    (field) =>
      field.fieldKind !== "list" &&
      !field.oneof &&
      (field.presence !== FeatureSet_FieldPresence.EXPLICIT || message.isSet(field)),
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
