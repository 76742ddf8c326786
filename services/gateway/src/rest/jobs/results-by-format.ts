import type { Standing } from "../../read-model/named-batches.js";
import type { JobResult } from "./job-progress.js";
import { formatOfResult, qualityOf } from "./operations.js";

interface FormatResults {
  readonly format: string;
  /** Of transcodes "720p"; otherwise the name of the operation. */
  readonly qualities: string[];
  status: Standing;
  /** By quality. */
  readonly urls: Record<string, string>;
}

/** The worst first. */
const STANDINGS: readonly Standing[] = ["failed", "processing", "pending", "completed"];

/** The results of a video by the format of their files, in order; pure. */
export function resultsByFormat(results: readonly JobResult[], linkTo: (urlPath: string) => string): FormatResults[] {
  const formats = new Map<string, FormatResults>();
  for (const { operation, standing, path, urlPath } of results) {
    const format = formatOfResult(operation, path);
    const quality = qualityOf(operation) ?? operation;
    const group = formats.get(format) ?? { format, qualities: [], status: standing, urls: {} };
    formats.set(format, group);
    group.qualities.push(quality);
    if (STANDINGS.indexOf(standing) < STANDINGS.indexOf(group.status)) group.status = standing;
    if (urlPath) group.urls[quality] = linkTo(urlPath);
  }
  return [...formats.values()];
}
