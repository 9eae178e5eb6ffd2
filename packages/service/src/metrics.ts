/// <reference path="./prom-client-files.d.ts" preserve="true" />
/**
 * Prometheus metrics. The classes come from prom-client's own files: its index also loads a push
 * gateway client, and with it TLS, which costs 8 MiB that a sidecar never uses.
 */
import type * as prom from 'prom-client'
import CounterFile from 'prom-client/lib/counter.js'
import GaugeFile from 'prom-client/lib/gauge.js'
import HistogramFile from 'prom-client/lib/histogram.js'
import RegistryFile from 'prom-client/lib/registry.js'

export const Counter: typeof prom.Counter = CounterFile
export const Gauge: typeof prom.Gauge = GaugeFile
export const Histogram: typeof prom.Histogram = HistogramFile
export const Registry: typeof prom.Registry = RegistryFile

export type Histogram = prom.Histogram
export type Registry = prom.Registry
