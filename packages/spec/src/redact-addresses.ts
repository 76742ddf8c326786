import { clone } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, isS3Source } from "@polyreel/contract";
import { sourcePlaces } from "./source-places.js";

/** A field of a batch whose address was changed. Like `SourcePlace`. */
export interface RedactedAddress {
  readonly block: string;
  readonly choice: string;
  readonly field: string;
}

const REDACTED = "redacted";

/**
 * A copy of a normalised batch for everyone who may read it: its addresses are without what works as a key (a user, a
 * password, the values of a query, such as a signature) and without the names of people. Pure.
 */
export function redactAddresses(batch: Batch): { readonly batch: Batch; readonly redacted: RedactedAddress[] } {
  const copy = clone(BatchSchema, batch);
  const redacted: RedactedAddress[] = [];
  for (const { block, choice, field, source } of sourcePlaces(copy)) {
    const { location } = source;
    if (location.case !== "url") continue;
    const url = redactUrl(location.value);
    // A client may have named the source by its address.
    source.name = source.name.replaceAll(location.value, url);
    if (url !== location.value) redacted.push({ block, choice, field: `${field}.url` });
    source.location = { case: "url", value: url };
  }
  for (const [i, { channel }] of copy.notify.entries()) {
    const about = (field: string) => ({ block: "", choice: "", field: `notify[${i}].${field}` });
    if (channel.case === "webhook") {
      const url = redactUrl(channel.value.url);
      if (url !== channel.value.url) redacted.push(about("webhook.url"));
      channel.value.url = url;
    } else if (channel.case === "email") {
      channel.value.to = channel.value.to.map((address) => REDACTED + address.slice(address.lastIndexOf("@")));
      redacted.push(about("email.to"));
    }
  }
  return { batch: copy, redacted };
}

/** The names of a query's parameters stay, so that people recognise the address. */
export function redactUrl(url: string): string {
  // A key of a bucket is taken as it is; what follows it is not part of it.
  if (isS3Source(url)) return url.split("?", 1)[0] ?? "";
  if (!URL.canParse(url)) return `https://${REDACTED}.invalid/`;
  const parsed = new URL(url);
  if (!parsed.username && !parsed.password && !parsed.search && !parsed.hash) return url;
  const names = [...parsed.searchParams].map(([name, value]) => (value === "" ? "" : name));
  parsed.username = "";
  parsed.password = "";
  parsed.hash = "";
  // A parameter without a value may be the key itself.
  parsed.search = names.map((name) => (name === "" ? REDACTED : `${encodeURIComponent(name)}=${REDACTED}`)).join("&");
  return parsed.href;
}
