"""The validator: rules that read a pack and give findings, reports of them, and fixes."""
