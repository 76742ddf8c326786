import { PolyreelError } from "@polyreel/platform";
import type { ObjectSettings } from "../destination.js";

/** S3 allows 2 KiB of metadata; the receipt needs about 700 bytes. */
const MAX_METADATA_BYTES = 1000;
const PRINTABLE = /^[\x20-\x7e]*$/;
const METADATA_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const RESERVED = "polyreel-";

/** Headers of an object with these settings. Throws PolyreelError `invalid`, naming the setting. */
export function objectHeaders(contentType: string, settings: ObjectSettings = {}): Record<string, string> {
  const { metadata = {}, storageClass, contentDisposition, cacheControl } = settings;
  const headers: Record<string, string> = { "content-type": text("contentType", settings.contentType || contentType) };
  if (contentDisposition) headers["content-disposition"] = text("contentDisposition", contentDisposition);
  if (cacheControl) headers["cache-control"] = text("cacheControl", cacheControl);
  if (storageClass) headers["x-amz-storage-class"] = text("storageClass", storageClass);
  if (settings.public) headers["x-amz-acl"] = "public-read";
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const lower = name.toLowerCase();
    if (!METADATA_NAME.test(name) || lower.startsWith(RESERVED)) {
      throw refused(`The name ${JSON.stringify(name.slice(0, 80))} in \`metadata\` is not possible`, NAME_REMEDY);
    }
    metadataBytes += name.length + value.length;
    headers[`x-amz-meta-${lower}`] = text(`metadata.${name}`, value);
  }
  if (metadataBytes <= MAX_METADATA_BYTES) return headers;
  throw refused(
    `The \`metadata\` has ${metadataBytes} bytes, more than ${MAX_METADATA_BYTES}`,
    "Give fewer or shorter ones.",
  );
}

const NAME_REMEDY = `Use letters, digits, "-" and "_", and no name that begins with "${RESERVED}".`;

function text(setting: string, value: string): string {
  if (PRINTABLE.test(value)) return value.trim();
  throw refused(
    `\`${setting}\` has characters that a header cannot have: ${JSON.stringify(value.slice(0, 80))}`,
    "Use printable ASCII characters; in contentDisposition, write a file name as filename*=UTF-8''%C3%A9.mp4.",
  );
}

const refused = (reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { reason: `${reason}.`, remedy });
