"""What computes the network: torch, torch.compile, ONNX Runtime or OpenVINO."""
