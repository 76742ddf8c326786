export { parseDuration } from "./batch-file/duration.js";
export { choicesOf, videoBlockNames } from "./choices.js";
export { combinationCount } from "./combination-count.js";
export { continueMistakes } from "./continues.js";
export { DATE, dated } from "./dated.js";
export {
  deliveriesOf,
  deliveryFolders,
  type EarlierBatches,
  folderOf,
  isVirtual,
  MAX_DELIVERIES,
} from "./deliveries.js";
export { pictureCount } from "./each-picture.js";
export { enlargementFault, lowerRung } from "./enlargement.js";
export { foldName } from "./fold-name.js";
export { isMissing, withFoundSources } from "./found-sources.js";
export { hasInputs } from "./inputs.js";
export { labelOf } from "./labels.js";
export { failureOf, type Mistake, SpecError } from "./mistake.js";
export { nearest, nearNames } from "./nearest.js";
export { DEFAULT_TENANT, normalizeBatch } from "./normalize.js";
export { normalizeNotify } from "./normalize-notify.js";
export { isFormerSpelling, specifiedIndexes } from "./normalize-outputs.js";
export { objectSettingsOf } from "./object-settings.js";
export { contentTypeOf, extensionOf, fileSuffixes, type Needs, neededBy, renditionTypeOf } from "./operations.js";
export { acrossOf, GAP, type SheetLayout, sheetSize, sizeInSheet, sizeInWidth } from "./picture-size.js";
export { type Placed, parsePlaced, spellPlaced } from "./placed-folder.js";
export { builtInPresets, type Presets } from "./presets.js";
export { quote } from "./quote.js";
export { type RedactedAddress, redactAddresses } from "./redact-addresses.js";
export { cutName, distinctNames, safeName } from "./safe-name.js";
export { placeKey, sourcePlaces } from "./source-places.js";
export { unknownChoice } from "./unknown-choice.js";
export { spokenLines, subtitleLanguages, writtenIn } from "./voice-lines.js";
