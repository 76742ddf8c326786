import { openFolderStore } from "@polyreel/platform/blobs";
import { credentialsFile, DriveDestination, keptIdsIn } from "@polyreel/uploader/drive";
import { type DeliveryRun, filesOf } from "./delivered-files.js";

// A process that delivers the files of a batch to a local server, four at a time. It is killed at any moment, and
// started again.

const AT_ONCE = 4;

const run = JSON.parse(process.argv[2] ?? "") as DeliveryRun;
const { store, credentials, endpoint, batch } = run;
const destination = new DriveDestination(
  { name: "team", credentials: credentialsFile(credentials, "team"), folder: { path: "Ads/2026" }, endpoint },
  { ids: keptIdsIn(await openFolderStore(store)), backOff: { firstMs: 20 }, chunkBytes: 256 * 1024 },
);
const files = filesOf(run);
const owner = { tenant: "default", name: "spring" };
const deliverInTurn = async () => {
  for (let file = files.shift(); file; file = files.shift()) {
    const { name: fileName, bytes, version } = file;
    const source = {
      contentType: "video/mp4",
      sizeBytes: bytes.length,
      content: `${fileName} ${version}`,
      write: () => Promise.reject(new Error("No file is written.")),
      async *read(_signal: AbortSignal, start = 0) {
        yield bytes.subarray(start);
      },
    };
    const place = { batchId: `b${batch}`, attempt: 1, owner, overwrite: false, folder: "sale", fileName };
    await destination.put(source, place, { signal: new AbortController().signal });
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, deliverInTurn));
process.exit();
