import { systemClock, systemIds } from '../../api/adapters/clock/clock.ts';
import { clockContract, idsContract } from './clock-contract.ts';

clockContract('the system clock', systemClock);
idsContract('the system’s randomness', systemIds);
