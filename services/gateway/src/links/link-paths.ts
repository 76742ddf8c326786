import { combinationStateName, OutputsFormat, type OutputsLink } from "@polyreel/contract";

/** Path below which gateways serve sources. */
const SOURCES_URL_ROOT = "/sources/";

export const sourceContentPath = (sha256: string): string => `${SOURCES_URL_ROOT}${sha256}/content`;

/** Uploads of a file with or without a name. */
export const uploadPath = (name: string): string =>
  name === "" ? "/sources" : SOURCES_URL_ROOT + encodeURIComponent(name);

const FILES: Record<OutputsFormat, string> = {
  [OutputsFormat.UNSPECIFIED]: "outputs.zip",
  [OutputsFormat.ZIP]: "outputs.zip",
  [OutputsFormat.MANIFEST_CSV]: "manifest.csv",
  [OutputsFormat.MANIFEST_JSONL]: "manifest.jsonl",
};

/** Of many outputs: their ZIP archive, or a manifest with links to them. */
export function outputsPath({ batchId, format, state, choices, outputs }: Omit<OutputsLink, "$typeName">): string {
  const file = FILES[format];
  const query = new URLSearchParams();
  if (file !== FILES[OutputsFormat.ZIP]) query.append("links", "true");
  if (state) query.append("state", combinationStateName(state));
  for (const { block, choice } of choices) query.append("choice", `${block}=${choice}`);
  for (const output of outputs) query.append("output", output);
  return `/batches/${encodeURIComponent(batchId)}/${file}${query.size > 0 ? `?${query}` : ""}`;
}
