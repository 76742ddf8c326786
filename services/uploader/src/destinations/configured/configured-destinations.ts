import { isDeepStrictEqual } from "node:util";
import type { SettingsFile } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { nearest, quote } from "@polyreel/spec";
import type { Destination } from "../destination.js";
import type { OpenDestination } from "../open-destination.js";
import type { DestinationSettings } from "./settings.js";

/** A configured destination, with those of its buckets that are in use. */
export interface Configured {
  readonly settings: DestinationSettings;
  /** Empty: its own bucket. Throws PolyreelError `invalid` for a bucket that it does not allow. */
  in(bucket: string): Destination;
}

/** The destinations of the file, opened. Those with unchanged settings stay open when the file is replaced. */
export class ConfiguredDestinations {
  #settings: ReadonlyMap<string, DestinationSettings> = new Map();
  #opened = new Map<string, Configured>();

  constructor(
    private readonly file: Pick<SettingsFile<DestinationSettings>, "current">,
    private readonly open: OpenDestination,
  ) {}

  /** Those that a tenant may use, by name. */
  async of(tenant: string): Promise<Configured[]> {
    const all = await this.#current();
    return [...all.values()].filter(isFor(tenant)).sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1));
  }

  /** One that a tenant may use. Throws PolyreelError `code` for an unknown name, and the same for one of other tenants. */
  async find(name: string, tenant: string, code: "invalid" | "unavailable"): Promise<Configured> {
    const found = (await this.#current()).get(name);
    if (found && isFor(tenant)(found)) return found;
    const names = (await this.of(tenant)).map(({ settings }) => settings.name);
    const near = nearest(name, names);
    const suggestion = near ? `Did you mean ${quote(near)}? ` : "";
    throw new PolyreelError(code, {
      field: "destination",
      reason: `There is no destination ${quote(name)} for this tenant.`,
      remedy:
        names.length === 0
          ? "The operator configures destinations in the file that POLYREEL_DESTINATIONS of the uploader names."
          : `${suggestion}Its destinations are ${names.map((one) => quote(one)).join(", ")}.`,
    });
  }

  /** One to which files were delivered, for whichever tenant. Throws PolyreelError `unavailable`. */
  async former(name: string): Promise<Configured> {
    const found = (await this.#current()).get(name);
    if (found) return found;
    throw new PolyreelError("unavailable", {
      reason: `The destination ${quote(name)} is no longer configured, and has files of the batch.`,
      remedy: `Configure it again; if its files are lost or need not be removed, as an empty folder: {type: folder, path: ...}.`,
    });
  }

  async #current(): Promise<ReadonlyMap<string, Configured>> {
    const settings = await this.file.current();
    if (settings === this.#settings) return this.#opened;
    const opened = new Map<string, Configured>();
    for (const [name, its] of settings) {
      const before = this.#opened.get(name);
      opened.set(name, before && isDeepStrictEqual(before.settings, its) ? before : configured(its, this.open));
    }
    [this.#settings, this.#opened] = [settings, opened];
    return opened;
  }
}

const isFor =
  (tenant: string) =>
  ({ settings: { tenants } }: Configured): boolean =>
    tenants === undefined || tenants.includes(tenant);

function configured(settings: DestinationSettings, open: OpenDestination): Configured {
  const byBucket = new Map<string, Destination>();
  return {
    settings,
    in(named) {
      const bucket = settings.type === "s3" && named === settings.address.bucket ? "" : named;
      const known = byBucket.get(bucket);
      if (known) return known;
      assertAllowed(settings, bucket);
      const opened = open(settings, bucket);
      byBucket.set(bucket, opened);
      return opened;
    },
  };
}

function assertAllowed(settings: DestinationSettings, bucket: string): void {
  const allowed = settings.type === "s3" ? [settings.address.bucket, ...settings.buckets] : [];
  if (bucket === "" || allowed.includes(bucket)) return;
  throw new PolyreelError("invalid", {
    field: "bucket",
    reason: `The destination ${quote(settings.name)} does not allow the bucket ${quote(bucket)}.`,
    remedy:
      allowed.length === 0
        ? "Leave the bucket out."
        : `Its buckets are ${allowed.map((one) => quote(one)).join(", ")}; the operator configures them.`,
  });
}
