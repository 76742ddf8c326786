import type { Place, PutResult } from "../../destination.js";
import { pieceSource, type Source } from "../../source.js";
import type { DriveDestination } from "../drive-destination.js";
import type { OpenedDrive } from "./opened-drive.js";
import type { RecordedRequest } from "./recording-drive.js";

export const spring = { tenant: "default", name: "spring" };

export const place = (other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: "sale", fileName: "a.mp4" },
  ...other,
});

export const textSource = (text: string): Source => pieceSource(() => [text], "video/mp4");

export const isChunk = ({ method, range }: RecordedRequest): boolean =>
  method === "PUT" && !range?.startsWith("bytes */");

/** Deliveries of texts to the drive of a test, and what became of them. */
export const deliveriesTo = (drive: () => OpenedDrive) => ({
  put: (text: string, other: Partial<Place> = {}, by: DriveDestination = drive().destination): Promise<PutResult> =>
    by.put(textSource(text), place(other), { signal: new AbortController().signal }),
  chunks: (): RecordedRequest[] => drive().server.requests.filter(isChunk),
  /** Paths of all files. */
  visible: (): string[] => drive().user.files(),
});
