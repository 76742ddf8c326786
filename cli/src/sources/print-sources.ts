import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { StoredSource } from "@polyreel/contract";
import { plainSource } from "@polyreel/spec/rows";
import { call } from "../client/call.js";
import { formatBytes } from "../terminal/numbers.js";
import type { SourcesContext } from "./sources-context.js";

const PAGE_SIZE = 500;
/** Digits of a hash that are printed. */
const DIGITS = 12;

/** Prints a server's sources, one a line, the newest first unless sorted otherwise. */
export async function printSources(context: SourcesContext): Promise<void> {
  const { flags, terminal } = context;
  let none = true;
  for await (const source of sourcesOf(context, { labels: [...flags.label], orderBy: flags.sort ?? "" })) {
    if (terminal.discarded) return;
    none = false;
    await terminal.print(flags.json ? `${JSON.stringify(plainSource(source))}\n` : `${line(source)}\n`);
  }
  if (none && !flags.json) terminal.note("No sources match.\n");
}

/** Sources of a server, page by page. */
export async function* sourcesOf(
  { connection, flags: { tenant = "" }, signal }: SourcesContext,
  filter: { labels: string[]; orderBy: string },
): AsyncGenerator<StoredSource> {
  let pageToken = "";
  do {
    const request = { ...filter, tenant, pageSize: PAGE_SIZE, pageToken };
    const page = await call(connection, connection.sources.listSources(request, { signal }));
    yield* page.sources;
    pageToken = page.nextPageToken;
  } while (pageToken);
}

const SIZE_WIDTH = 9;

function line({ sha256, sizeBytes, storedAt, fileName, title, labels }: StoredSource): string {
  const when = storedAt ? timestampDate(storedAt).toISOString().slice(0, 16).replace("T", " ") : "";
  const name = [fileName, title && `"${title}"`, ...labels.map((label) => `#${label}`)].filter(Boolean).join("  ");
  return `${sha256.slice(0, DIGITS)}  ${when}  ${formatBytes(sizeBytes).padStart(SIZE_WIDTH)}  ${name}`.trimEnd();
}
