import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment, in the person's own time zone and language. */
export function Time({ at }: { readonly at: Timestamp | undefined }) {
  if (!at) return null;
  const date = timestampDate(at);
  return <time dateTime={date.toISOString()}>{format.format(date)}</time>;
}
