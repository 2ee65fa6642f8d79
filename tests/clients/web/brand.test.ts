import { breakable, named, readBrand } from "../../../clients/web/src/brand.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";

const OWN = { short: null, logo: null, conformity: "none", team: null };

describe("the brand in a page's head", () => {
  it("is what the server wrote", () => {
    const told = readBrand(
      '{"v":1,"conformity":"partial","name":"Permanence du Cap Vert","short":"Cap Vert",' +
        '"logo":{"path":"/brand-logo","ratio":2},"team":"a@b.example"}',
    );

    expect(told).toEqual({
      short: "Cap Vert",
      logo: { path: "/brand-logo", ratio: 2 },
      conformity: "partial",
      team: "a@b.example",
    });
  });

  it.each([
    undefined,
    null,
    "",
    "{",
    "null",
    "[]",
    "5",
    '{"short":5,"logo":{"ratio":"x"}}',
  ])("is the pages' own where it is nonsense: %s", (text) => {
    expect(readBrand(text)).toEqual(OWN);
  });

  it("leads to no picture but the one that the server checked", () => {
    const told = readBrand(
      '{"logo":{"path":"https://elsewhere.example/","ratio":1}}',
    );

    expect(told.logo?.path).toBe("/brand-logo");
  });

  it("never claims more than a part of accessibility", () => {
    expect(readBrand('{"conformity":"full"}').conformity).toBe("none");
  });
});

describe("the words of a branded page", () => {
  it("bear its name, the doctor's too, and are otherwise the same", () => {
    const words = named(fr, { ...readBrand(null), short: "Cap Vert" });

    expect(words.name).toBe("Cap Vert");
    expect(words.doctorName).toBe("Cap Vert – médecins");
    expect(words.waiting).toBe(fr.waiting);
  });

  it("are the pages' own without one", () => {
    expect(named(fr, readBrand(null))).toBe(fr);
  });
});

it("breaks the pages' own name where a small phone has to, and no other", () => {
  expect(breakable("Téléconsultation")).toBe("Télé\u00adconsultation");
  expect(breakable("Côte d’Émeraude")).toBe("Côte d’Émeraude");
});
