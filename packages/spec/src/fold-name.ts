/** Soft hyphens, joiners, variation selectors: some file systems ignore them in comparisons. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;

const ASCII = /^\p{ASCII}*$/u;

/**
 * A key that is equal for names that some file system treats as the same: full case folding ("ß" is "SS", "ẞ" too),
 * canonical normalisation, ignorable characters removed. For comparing only.
 */
export const foldName = (name: string): string =>
  ASCII.test(name)
    ? name.toUpperCase()
    : name.replace(IGNORED, "").normalize("NFD").toLowerCase().toUpperCase().normalize("NFC");
