import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  type Certificate,
  type Combination,
  type CombinationDelivered,
  CombinationDeliveredSchema,
  type CombinationRendered,
  DEFAULT_TENANT,
  outputUrlPath,
  type Target,
} from "@polyreel/contract";
import { type Layout, layOut } from "@polyreel/media/join/layout.js";
import type { ClipPart, SoundPart } from "@polyreel/media/join/parts.js";
import { tagsOf } from "@polyreel/media/join/tags.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Destination, Put, Putting } from "./destination/destination.js";
import { folderOfTenant } from "./destination/tenant-folder.js";
import type { PictureMaker } from "./pictures.js";

interface Deps {
  readonly parts: PartStore;
  readonly destination: Destination;
  readonly pictures: PictureMaker;
}

/** What was delivered, and whether the folder is another one than before: earlier deliveries may be gone with that. */
export interface Delivered {
  readonly fact: CombinationDelivered;
  readonly inNewFolder: boolean;
}

interface Certified {
  readonly batchId: string;
  readonly tenant: string;
  readonly attempt: number;
  readonly combination: Combination;
  readonly target: Target;
  readonly certificate: Certificate;
}

/**
 * Makes an output real. The layout is computed again from the parts' indexes, which costs less than carrying it, and must
 * be the certified one to the byte of its header. Delivering again gives the same file. A virtual output is delivered by
 * saying so: what is certified needs no byte before somebody asks for it.
 */
export async function onCombinationRendered(
  { batchId, tenant, attempt, combination, target, certificate }: CombinationRendered,
  deps: Deps,
  { traceId, ...putting }: Putting & { traceId: string },
): Promise<Delivered> {
  if (!combination || !target || !certificate) {
    throw new PolyreelError("internal", "A rendered combination lacks its target or its certificate.");
  }
  const certified = {
    batchId,
    tenant: tenant || DEFAULT_TENANT,
    attempt: Math.max(1, attempt),
    combination,
    target,
    certificate,
  };
  const { inNewFolder, ...written } = target.virtual ? NOTHING_WRITTEN : await write(certified, deps, putting);
  const fact = create(CombinationDeliveredSchema, {
    batchId,
    attempt,
    combinationId: combination.id,
    ordinal: combination.ordinal,
    choices: combination.choices,
    urlPath: outputUrlPath(batchId, combination.id, combination.fileName),
    certificate,
    traceId,
    metadata: combination.metadata,
    ...written,
  });
  return { fact, inNewFolder };
}

const NOTHING_WRITTEN = { inNewFolder: false };

/** Writes the video, and the pictures beside it; gives where they lie. */
async function write(
  { batchId, tenant, attempt, combination, target, certificate }: Certified,
  { parts, destination, pictures }: Deps,
  putting: Putting,
): Promise<{ path: string; picturePaths: string[]; inNewFolder: boolean }> {
  const [clips, sound] = await Promise.all([clipsOf(combination, parts), soundOf(combination, parts)]);
  const layout = layOut(clips, sound, tagsOf(combination));
  verify(layout, certificate);
  const place = {
    batchId,
    attempt,
    owner: { tenant, name: combination.title },
    overwrite: target.overwrite,
    folder: folderOfTenant(tenant, target.folder),
    fileName: combination.fileName,
  };
  const puts: Put[] = [];
  // Pictures first: who sees the video finds them beside it.
  for (const wanted of target.pictures) {
    const jpeg = await pictures.make(wanted, clips, parts, putting.signal);
    const fileName = combination.fileName.replace(/\.mp4$/, "") + wanted.suffix;
    puts.push(await destination.write([jpeg], { ...place, fileName }, putting));
  }
  const picturePaths = puts.map(({ path }) => path);
  const video = await destination.deliver(layout, parts, place, putting);
  puts.push(video);
  return { path: video.path, picturePaths, inNewFolder: puts.some((put) => put.inNewFolder) };
}

const clipsOf = ({ clips }: Combination, parts: PartStore): Promise<ClipPart[]> =>
  Promise.all(clips.map(async ({ hash }) => ({ hash, index: (await parts.clip(hash)) ?? lost("clip") })));

async function soundOf({ soundHash: hash }: Combination, parts: PartStore): Promise<SoundPart | undefined> {
  return hash ? { hash, index: (await parts.sound(hash)) ?? lost("soundtrack") } : undefined;
}

function lost(part: string): never {
  const reason = `A ${part} of this output is no longer in the store.`;
  throw new PolyreelError("unavailable", { reason, remedy: "Render the combination again." }, { outage: false });
}

function verify({ header, sizeBytes }: Layout, certificate: Certificate): void {
  const headerSha256 = createHash("sha256").update(header).digest("hex");
  if (headerSha256 === certificate.headerSha256 && BigInt(sizeBytes) === certificate.sizeBytes) return;
  throw new PolyreelError("internal", {
    reason: "The output is not the one that was certified, and was not delivered.",
    remedy: "Let all services run the same release; then render the combination again.",
  });
}
