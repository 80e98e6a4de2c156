variable "server_name" {
  description = "The name that data planes verify in the certificate of nginx."
  type        = string
}

variable "data_planes" {
  description = "The names of the data planes. Each gets its own certificate. One that is taken out is revoked after the grace."
  type        = set(string)
}

variable "domain" {
  description = "The DNS domain of the data planes."
  type        = string
}

variable "folder" {
  description = "The directory of the certificate, its key, the CAs and the revocation lists on each node."
  type        = string
  default     = "/etc/nginx/mtls"
}

variable "grace" {
  description = "How long after an apply has replaced or removed it a certificate is still accepted: what your data planes need to switch."
  type        = string
  default     = "72h"
}

variable "list_validity" {
  description = "How long a revocation list is valid. If no apply renews it in that time, nginx refuses everybody."
  type        = string
  default     = "168h"

  validation {
    condition     = timecmp(timeadd("2026-01-01T00:00:00Z", var.list_validity), "2026-01-04T00:00:00Z") >= 0
    error_message = "list_validity is ${var.list_validity}, and a pipeline that stands still over a weekend would leave nginx with a list that has expired: use 72h or more."
  }
}

variable "revoked" {
  description = "Certificates to revoke at once, by serial number."
  type        = list(object({ serial_number = string, reason = optional(string) }))
  default     = []

  validation {
    condition     = alltrue([for one in var.revoked : can(regex("^[0-9a-fA-F:]+$", one.serial_number))])
    error_message = "revoked wants serial numbers in hex, as the output serial_numbers gives them: ${join(", ", [for one in var.revoked : one.serial_number if !can(regex("^[0-9a-fA-F:]+$", one.serial_number))])}."
  }
}

variable "rotation" {
  description = "Any values. Changing one rotates the root now, and everything below it in the same apply."
  type        = map(string)
  default     = { since = "the beginning" }
}
