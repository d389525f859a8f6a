import { describe, expect, it } from 'vitest';
import { type CitedRelease, citationOf } from '../../governance/citation.ts';

const release = (changes: Partial<CitedRelease> = {}): CitedRelease => ({
  study: { key: 'iss', title: 'Intelligent Sight and Sound', synthetic: false },
  publisher: 'US National Cancer Institute',
  version: '1.0.0',
  digest: 'a'.repeat(64),
  state: 'PUBLISHED',
  publishedAt: new Date('2025-12-31T23:30:00Z'),
  url: 'https://portal.example.org',
  errata: 0,
  paper: null,
  ...changes,
});

describe('a citation', () => {
  it('names the study, the release as it now is, and how to tell that state from others', () => {
    expect(citationOf(release({ version: '1.0.0+w2', errata: 1 })).text).toBe(
      `Intelligent Sight and Sound study (2025). Intelligent Sight and Sound, release 1.0.0+w2 [data set]. US National Cancer Institute. ` +
        `https://portal.example.org (state sha256:${'a'.repeat(64)}; 1 erratum).`,
    );
  });

  it('says first of what is retracted or superseded that it is, in every form', () => {
    for (const [state, word] of [
      ['RETRACTED', 'RETRACTED'],
      ['DEPRECATED', 'superseded'],
    ] as const) {
      const { text, bibtex, csl, datacite } = citationOf(release({ state }));
      expect(text.startsWith(`${word}: `)).toBe(true);
      for (const form of [bibtex, JSON.stringify(csl), JSON.stringify(datacite)]) expect(form).toContain(word);
    }
    expect(citationOf(release({ state: 'RETRACTED' })).csl.status).toBe('retracted');
  });

  it('of a synthetic study says that it is', () => {
    const { text, bibtex, csl } = citationOf(release({ study: { key: 'demo', title: 'Demo', synthetic: true } }));
    for (const form of [text, bibtex, JSON.stringify(csl)]) expect(form).toContain('(synthetic)');
  });

  it('is BibTeX that LaTeX prints as it stands, whatever a study is called', () => {
    const title = 'Pain & {sound}, 100%_of $x^2 \\evil{} #1 ~\nnext';
    const { bibtex } = citationOf(release({ study: { key: 'p & q', title, synthetic: false } }));
    expect(bibtex.split('\n')[0]).toBe('@misc{p---q-1.0.0,');
    expect(bibtex).toContain(
      'title = {{Pain \\& \\{sound\\}, 100\\%\\_of \\$x\\textasciicircum{}2 \\textbackslash{}evil\\{\\} \\#1 \\textasciitilde{} next}}',
    );
    // Braces come in pairs: no text ends its field early.
    const bare = bibtex.replaceAll(/\\[{}]/g, '');
    let depth = 0;
    for (const character of bare) {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      expect(depth).toBeGreaterThanOrEqual(0);
    }
    expect(depth).toBe(0);
  });

  it('is dated in UTC', () => {
    expect(citationOf(release()).csl.issued).toEqual({ 'date-parts': [[2025, 12, 31]] });
    expect(citationOf(release()).datacite).toMatchObject({
      publicationYear: 2025,
      dates: [{ date: '2025-12-31', dateType: 'Issued' }],
    });
  });
});
