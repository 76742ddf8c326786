import { QUOTAS_BUCKET } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { type EventStream, openRecords } from "@polyreel/platform/stream";
import type { ReadModel } from "../read-model/read-model.js";
import { SpentCharacters } from "../usage/spent-characters.js";
import { StoredBytes } from "../usage/stored-bytes.js";
import { UploadLedger } from "../usage/upload-ledger.js";
import { Admission } from "./admission.js";
import { Quotas } from "./quotas.js";
import { UploadMeter } from "./upload-meter.js";
import { UseEstimates } from "./use-estimates.js";

/** What limits tenants, and what they used. */
export interface OpenQuotas extends Running {
  readonly quotas: Quotas;
  readonly ledger: UploadLedger;
  readonly storedBytes: StoredBytes;
  readonly spentCharacters: SpentCharacters;
  readonly admission: Admission;
  readonly meter: UploadMeter;
  readonly estimates: UseEstimates;
}

interface Deps {
  readonly stream: EventStream;
  readonly store: Store;
  readonly model: ReadModel;
  readonly log: Log;
}

/** `file`: of quotas; empty: there are none. Throws PolyreelError `invalid` for a file that is not right. */
export async function openQuotas(file: string, { stream, store, model, log }: Deps): Promise<OpenQuotas> {
  const quotas = await Quotas.open(file, log);
  const records = await openRecords(
    stream,
    QUOTAS_BUCKET,
    "What tenants of Polyreel with quotas have begun and uploaded",
  );
  const ledger = new UploadLedger(records, log);
  const storedBytes = new StoredBytes(store);
  const spentCharacters = new SpentCharacters(store);
  const admission = new Admission({ quotas, records, stream, model, storedBytes, spentCharacters });
  return {
    ...{ quotas, ledger, storedBytes, spentCharacters, admission },
    meter: new UploadMeter({ quotas, ledger, storedBytes, admission }),
    estimates: new UseEstimates(stream),
    close: () => ledger.close(),
  };
}
