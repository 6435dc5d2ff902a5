"""Pure decisions of the workflow: values in, values out."""
