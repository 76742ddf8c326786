import { expect, test } from "vitest";
import { spokenText } from "./pieces.js";
import { spokenPieces } from "./spoken-pieces.js";

const spoken = (text: string, language = "en-US") => spokenText(spokenPieces(text, language));

test.each([
  ["½ price", "half price"],
  ["1½ cups, 2 ¾ cups", "1 and a half cups, 2 and three quarters cups"],
  ["⅓ off, 1/2 price, 1/2/2026", "one third off, half price, 1/2/2026"],
  ["₹500 only", "500 rupees only"],
  ["₹ 1,299.50", "1,299 rupees and 50 paise"],
  ["Save $50 on it.", "Save 50 dollars on it."],
  ["$1, $1.01, $0.99, $5.00!", "1 dollar, 1 dollar and 1 cent, 99 cents, 5 dollars!"],
  ["$1,299.99", "1,299 dollars and 99 cents"],
  ["$5 million, $1.5M, $3k, €2bn", "5 million dollars, 1.5 million dollars, 3 thousand dollars, 2 billion euros"],
  ["$10–20 or $10-$20", "10 to 20 dollars or 10 to 20 dollars"],
  ["$9.99/month", "9 dollars and 99 cents per month"],
  ["€5 or £7.50, 5 € and 20 EUR", "5 euros or 7 pounds and 50 pence, 5 euros and 20 euros"],
  ["C$20, US$5, CHF 20", "20 Canadian dollars, 5 US dollars, 20 Swiss francs"],
  ["¥500 ₩5000 ₽70 50¢ R$5", "500 yen 5000 won 70 rubles 50 cents 5 Brazilian reals"],
  ["5 km, 5kg at 60 mph", "5 kilometers, 5 kilograms at 60 miles per hour"],
  ["ready in 5 min. or 1 hr", "ready in 5 minutes. or 1 hour"],
  ["1 lb, 1.5 GB, 20°C, 10%", "1 pound, 1.5 gigabytes, 20 degrees Celsius, 10 percent"],
  ["Dr. Smith vs. Mr. Jones, etc.", "Doctor Smith versus Mister Jones, et cetera."],
  ["in Main St. near St. James", "in Main Street near Saint James"],
  ["the 5th Ave. It is Smith Jr. who", "the 5th Avenue. It is Smith Junior who"],
  ["A & B, e.g. w/ @home #1 #sale", "A and B, for example with at home number 1 hashtag sale"],
  ["24/7, 2x faster, 10–20", "twenty four seven, 2 times faster, 10 to 20"],
  ["Nov. 29, the 1990s and '80s", "November 29, the 19 nineties and eighties"],
  ["great 😀👍🏽! ❤️‍🔥", "great ! "],
  ["AT&T, Q&A, mk2x, I am 5'10", "AT&T, Q&A, mk2x, I am 5'10"],
  ["12:30, 3.5, 1,000, 555-1234", "12:30, 3.5, 1,000, 555-1234"],
])("%j is read as %j in English", (text, expected) => {
  expect(spoken(text)).toBe(expected);
});

test.each([
  ["de", "₹500 und 5 €", "500 Indische Rupien und 5 Euro"],
  ["de", "1.299,99 € für 5 km", "1.299,99 Euro für 5 Kilometer"],
  ["fr-FR", "£20", "20 livres sterling"],
  ["es", "½ precio, 1½ kg", "medio precio, 1 y medio kg"],
  ["ru", "₽500 за 5 кг", "500 российских рублей за 5 кг"],
  ["ja", "¥500, $5", "500えん, 5ドル"],
  ["nl", "½ prijs", "half prijs"],
  ["en-US-nyc", "$5", "5 dollars"],
  ["piqd", "$5, 5 km", "$5, 5 km"],
  ["jbo", "$5", "$5"],
])("in %s, %j is read as %j", (language, text, expected) => {
  // Capitals differ between versions of Intl: "indische Rupien".
  expect(spoken(text, language).toLowerCase()).toBe(expected.toLowerCase());
});

test("pieces contain the whole written text, including spaces", () => {
  const text = " Save $5 million — on\n\nthe iPhone 15!  ½-price 😀";
  const pieces = spokenPieces(text, "en");
  expect(pieces.map(({ space, written }) => space + written).join("")).toBe(text);
  expect(pieces.map(({ written, spoken }) => [written, spoken])).toEqual([
    ["Save", "Save"],
    ["$5 million", "5 million dollars"],
    ["—", "—"],
    ["on", "on"],
    ["the", "the"],
    ["iPhone", "iPhone"],
    ["15!", "15!"],
    ["½-price", "half-price"],
    ["😀", ""],
  ]);
});
