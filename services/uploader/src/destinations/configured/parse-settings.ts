import { dirname, resolve } from "node:path";
import { type Fields, parseEntries, type SettingsReading, type SettingsTerms } from "@polyreel/pipeline/settings";
import { driveScopes } from "../drive/google-endpoints.js";
import type { DestinationSettings, DriveSettings } from "./settings.js";

const ORIGIN = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/;
const DRIVE_ID = /^[A-Za-z0-9_-]{1,200}$/;
const DRIVE_PATH = /^[^/\p{Cc}]{1,200}(\/[^/\p{Cc}]{1,200}){0,15}$/u;

/** Fields of an entry, by type. */
const FIELDS: Readonly<Record<DestinationSettings["type"], readonly string[]>> = {
  folder: ["type", "tenants", "path"],
  s3: ["type", "tenants", "address", "credentials", "buckets"],
  drive: ["type", "tenants", "credentials", "folder", "sharedDrive", "scope", "endpoint"],
};

const terms: SettingsTerms = {
  plural: "destinations",
  singular: "destination",
  variable: "POLYREEL_DESTINATIONS",
  reader: "uploader",
};

/**
 * Parses the file of destinations: names with their settings. Paths in it are relative to it. Throws PolyreelError
 * `invalid` that names every wrong entry by line; it quotes no values, which may be keys in the wrong place.
 */
export const parseSettings = (file: string, text: string): ReadonlyMap<string, DestinationSettings> =>
  parseEntries(file, text, terms, (name, entry, reading) => settingsOf(name, entry, reading, dirname(resolve(file))));

export const destinationsFormat = { terms, parse: parseSettings };

function settingsOf(
  name: string,
  given: unknown,
  reading: SettingsReading,
  home: string,
): DestinationSettings | undefined {
  const entry = reading.fields(given, name);
  const type = reading.oneOf(entry.type, `${name}.type`, Object.keys(FIELDS) as DestinationSettings["type"][]);
  if (!type) return undefined;
  reading.known(entry, name, FIELDS[type]);
  const at = (field: string) => `${name}.${field}`;
  const path = (field: string) => resolve(home, reading.text(entry[field], at(field)) ?? "");
  const tenants = reading.tenants(entry.tenants, at("tenants"));
  const common = { name, tenants };
  const credentials = () => reading.credentials(entry.credentials, at("credentials"), { home, tenants });
  switch (type) {
    case "folder":
      return { ...common, type, path: path("path") };
    case "drive":
      return { ...common, type, credentials: credentials(), ...driveOf(entry, name, reading) };
    case "s3": {
      const address = reading.s3Address(entry.address, at("address"));
      const buckets = reading.buckets(entry.buckets, at("buckets"));
      return address && { ...common, type, address, credentials: credentials(), buckets };
    }
  }
}

function driveOf(
  entry: Fields,
  name: string,
  reading: SettingsReading,
): Pick<DriveSettings, "folder" | "sharedDrive" | "scope" | "endpoint"> {
  const scope = entry.scope === undefined ? undefined : reading.oneOf(entry.scope, `${name}.scope`, driveScopes);
  const folder = folderOnDrive(entry, name, reading);
  return {
    folder,
    sharedDrive: sharedDriveOf(entry, name, reading),
    scope,
    endpoint: endpointOf(entry, name, reading),
  };
}

const sharedDriveOf = ({ sharedDrive }: Fields, name: string, reading: SettingsReading): string | undefined =>
  sharedDrive === undefined
    ? undefined
    : reading.text(sharedDrive, `${name}.sharedDrive`, DRIVE_ID, "Write the drive's id, from its address.");

const endpointOf = ({ endpoint }: Fields, name: string, reading: SettingsReading): string | undefined =>
  endpoint === undefined
    ? undefined
    : reading.text(endpoint, `${name}.endpoint`, ORIGIN, "Write an origin, such as https://proxy.example.");

function folderOnDrive(entry: Fields, name: string, reading: SettingsReading): DriveSettings["folder"] {
  if (entry.folder === undefined) return undefined;
  const at = `${name}.folder`;
  const folder = reading.fields(entry.folder, at);
  reading.known(folder, at, ["id", "path"]);
  if ((folder.id === undefined) === (folder.path === undefined)) {
    reading.refuse(at, "It must have either an id or a path.", "Keep one of them.");
    return undefined;
  }
  if (folder.path !== undefined) {
    const path = reading.text(folder.path, `${at}.path`, DRIVE_PATH, 'Write names with "/" between them.');
    return path === undefined ? undefined : { path };
  }
  const id = reading.text(folder.id, `${at}.id`, DRIVE_ID, "Write the folder's id, from its address.");
  return id === undefined ? undefined : { id };
}
