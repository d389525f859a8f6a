import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedding, type PictureEmbedding } from '../../../../pipeline/baselines/network/picture-embedding.ts';
import { readFaceMeshPackage } from '../../../../pipeline/faces/face-mesh-package.ts';

const picture = (red: number): Promise<Buffer> =>
  sharp({ create: { width: 160, height: 160, channels: 3, background: { r: red, g: 120, b: 90 } } })
    .composite([
      { input: Buffer.from('<svg width="160" height="160"><circle cx="80" cy="80" r="50" fill="#c58c6a"/></svg>') },
    ])
    .jpeg()
    .toBuffer();

describe.each([
  ['mesh', 288],
  ['detector', 96],
] as const)('the %s embedding', (kind, numbers) => {
  let embedding: PictureEmbedding;
  beforeAll(async () => {
    embedding = await openEmbedding(readFaceMeshPackage(), kind);
  });
  afterAll(() => embedding.close());

  it('is the same for the same picture, and another for another', async () => {
    const [one, again, other] = await Promise.all([20, 20, 200].map(async (red) => embedding.of(await picture(red))));
    expect([embedding.numbers, one!.length]).toEqual([numbers, numbers]);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(one!.every(Number.isFinite)).toBe(true);
    expect(new Set(one).size).toBeGreaterThan(numbers / 4);
  });

  it('takes a picture of any size, with or without transparency', async () => {
    const wide = await sharp(await picture(20))
      .resize(301, 97, { fit: 'fill' })
      .ensureAlpha()
      .png()
      .toBuffer();
    expect((await embedding.of(wide)).length).toBe(numbers);
  });

  it('says of what is no picture that it is none', async () => {
    await expect(embedding.of(Buffer.from('no picture'))).rejects.toThrow();
  });
});
