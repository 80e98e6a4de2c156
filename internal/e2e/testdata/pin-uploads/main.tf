# The team of the control plane: it uploads what the other one publishes, whenever
# it applies.
variable "owner" { type = string }
variable "folder" { type = string }

data "terraform_remote_state" "owner" {
  backend = "local"
  config  = { path = var.owner }
}

resource "terraform_data" "upload" {
  for_each = data.terraform_remote_state.owner.outputs.uploads

  input = { file = "${var.folder}/${each.key}.pem", pem = each.value }

  provisioner "local-exec" {
    command     = "printf %s \"$PEM\" > \"$FILE\""
    environment = { FILE = self.input.file, PEM = self.input.pem }
  }

  provisioner "local-exec" {
    when        = destroy
    command     = "rm \"$FILE\""
    environment = { FILE = self.input.file }
  }
}
