variable "data_planes" {
  description = "The names of the data planes. Each gets its own key and certificate."
  type        = set(string)

  validation {
    condition     = alltrue([for name in var.data_planes : can(regex("^[A-Za-z0-9._-]+$", name))])
    error_message = "data_planes become names of files: use letters, digits, periods, hyphens and underscores."
  }
}

variable "answers" {
  description = "The folder of the certificates that the CA has sent back, each as NAME.pem: the certificate, and its issuers if they came along."
  type        = string
}

variable "renew_before" {
  description = "How long before a certificate expires a new request is made, as a Go duration. As long as the CA may take to sign, and then some."
  type        = string
  default     = "720h"
}

variable "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM."
  type        = list(string)
}
