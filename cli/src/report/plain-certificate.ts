import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  AudioCertificateSchema,
  type Certificate,
  certificateOf,
  InputAudioCertificateSchema,
  JoinCertificateSchema,
  PictureCertificateSchema,
  SubtitlesCertificateSchema,
  type Warning,
  warningCodeName,
} from "@polyreel/contract";

type Plain = Record<string, string | number | boolean>;

/** A certificate's measures as plain JSON. */
export function plainCertificate(certificate: Certificate): Plain {
  const { operation, sizeBytes } = certificateOf(certificate);
  const about = { sizeBytes: Number(sizeBytes) };
  switch (operation.case) {
    case "join":
      return { ...about, ...fieldsOf(JoinCertificateSchema, operation.value) };
    case "picture":
      return { ...about, ...fieldsOf(PictureCertificateSchema, operation.value) };
    case "subtitles":
      return { ...about, ...fieldsOf(SubtitlesCertificateSchema, operation.value) };
    case "audio":
      return { ...about, ...fieldsOf(AudioCertificateSchema, operation.value) };
    case "inputAudio":
      return { ...about, ...fieldsOf(InputAudioCertificateSchema, operation.value) };
  }
}

/**
 * Every field that it has, in camelCase. Counts are numbers (protobuf's JSON has 64-bit ones as texts, for what no
 * certificate counts to); the loudness of silence is the text "-Infinity".
 */
function fieldsOf<D extends DescMessage>(schema: D, message: MessageShape<D>): Plain {
  const reflected = reflect(schema, message);
  const shown = reflected.fields.filter(
    (field) => field.presence !== FeatureSet_FieldPresence.EXPLICIT || reflected.isSet(field),
  );
  return Object.fromEntries(shown.map((field) => [field.jsonName, plain(reflected.get(field))]));
}

function plain(value: unknown): string | number | boolean {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "boolean") return value;
  return typeof value === "number" && Number.isFinite(value) ? value : String(value);
}

export const plainWarning = ({ block, choice, reason, code }: Warning) => ({
  code: warningCodeName(code),
  block,
  choice,
  reason,
});
