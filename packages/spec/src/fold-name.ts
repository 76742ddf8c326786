/** Soft hyphens, joiners, variation selectors: some file systems compare names without them. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;

const ASCII = /^\p{ASCII}*$/u;

/**
 * What names have in common that some file system takes for one: case folded in full ("ß" is "SS", "ẞ" too), canonically
 * equal forms made one, ignorable characters left out. For comparing only.
 */
export const foldName = (name: string): string =>
  ASCII.test(name)
    ? name.toUpperCase()
    : name.replace(IGNORED, "").normalize("NFD").toLowerCase().toUpperCase().normalize("NFC");
