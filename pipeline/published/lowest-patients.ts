import type { BaselineKey } from './baselines.ts';

/** The patients that a model fails on, lowest first (paper, Table 13); Fusion 1 has a sixth by a tie. Two models have no row. */
export const PUBLISHED_LOWEST_PATIENTS: Readonly<Partial<Record<BaselineKey, readonly string[]>>> = {
  'resnet50-2-static': ['0007', '0025', '0028', '0026', '0013'],
  'random-forest-landmarks': ['0008', '0020', '0019', '0028', '0017'],
  'random-forest-pain': ['0015', '0030', '0010', '0006', '0028'],
  'fusion-1': ['0001', '0002', '0016', '0013', '0029', '0025'],
  'fusion-2': ['0004', '0020', '0029', '0017', '0001'],
  'fusion-3': ['0004', '0027', '0029', '0025', '0020'],
};
