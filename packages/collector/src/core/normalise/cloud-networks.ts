/**
 * Numbers of networks (ASN) that hold rented servers. Those that also relay people are left out: Cloudflare (13335),
 * Akamai (36183) and Fastly (54113) carry iCloud Private Relay, Google (15169) its own VPN.
 */
const CLOUD_NETWORKS = new Set([
  // Amazon Web Services
  14618, 16509,
  // Google Cloud
  396982,
  // Microsoft Azure
  8075,
  // Oracle Cloud
  31898,
  // IBM Cloud
  36351,
  // Alibaba Cloud
  37963, 45102,
  // Tencent Cloud
  45090, 132203,
  // Huawei Cloud
  136907,
  // DigitalOcean
  14061,
  // Hetzner
  24940, 213230,
  // OVHcloud
  16276,
  // Akamai Connected Cloud (Linode)
  63949,
  // Vultr
  20473,
  // Scaleway
  12876,
  // Contabo
  51167,
  // Leaseweb
  28753, 60781,
])

/** Whether a network is one of the big clouds. */
export function isCloudNetwork(asn: number): boolean {
  return CLOUD_NETWORKS.has(asn)
}
