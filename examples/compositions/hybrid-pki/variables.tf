variable "control_plane" {
  description = "Host and port at which data planes reach the control plane. The host is in the control plane's certificate."
  type        = string

  validation {
    condition     = can(regex("^[^/:]+:[0-9]+$", var.control_plane))
    error_message = "control_plane is HOST:PORT without a scheme, such as control-plane.kong.svc:8005; it is \"${var.control_plane}\"."
  }
}

variable "data_planes" {
  description = "The names of the data planes. Each gets a certificate of its own."
  type        = set(string)
}

variable "domain" {
  description = "The DNS domain of the data planes."
  type        = string
}

variable "folder" {
  description = "Where each node has its certificate, its key and the CAs."
  type        = string
  default     = "/etc/kong/cluster"
}

variable "rotation" {
  description = "Any values; a change of them rotates the root now. Everything below follows in the same apply."
  type        = map(string)
  default     = { since = "the beginning" }
}

variable "trusted_besides_pem" {
  description = "CAs that the control plane trusts besides, as PEM by a name of your choice: those of data planes that this module does not manage."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([for ca in flatten([for pem in values(var.trusted_besides_pem) : provider::mtls::parse_certificates(pem)]) : ca.is_ca])
    error_message = join("\n", [
      for ca in flatten([for pem in values(var.trusted_besides_pem) : provider::mtls::parse_certificates(pem)]) : "cluster_ca_cert holds CA certificates: ${ca.subject} is none." if !ca.is_ca
    ])
  }
}

variable "running_chains_pem" {
  description = "What those data planes present, as PEM by their names. The plan stops unless nginx, which decides in this mode, lets each of them in."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for chain in values(var.running_chains_pem) : provider::mtls::validate_chain(values(var.trusted_besides_pem), chain, "kong_hybrid_pki", plantimestamp()).trusted
    ])
    error_message = join("\n", [
      for name, chain in var.running_chains_pem : "${name}: ${provider::mtls::validate_chain(values(var.trusted_besides_pem), chain, "kong_hybrid_pki", plantimestamp()).summary}"
      if !provider::mtls::validate_chain(values(var.trusted_besides_pem), chain, "kong_hybrid_pki", plantimestamp()).trusted
    ])
  }
}
